//! cutover-udp

