//! What gives an instance another version: asked over HTTP, it takes the instance down, and brings it up again unless the
//! version is broken.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::servers::Instance;

/// How long an instance is down while it is replaced.
const DOWN: Duration = Duration::from_millis(300);

/// See the module.
pub(crate) struct Agent {
    pub(crate) address: SocketAddr,
    /// `instance version`, in the order of the calls.
    pub(crate) told: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    /// Starts one for these instances; `broken` is an instance and the version that it cannot run.
    pub(crate) fn start(
        instances: BTreeMap<String, Arc<Instance>>,
        broken: Option<(&'static str, &'static str)>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (instances, own) = (Arc::new(instances), Arc::clone(&told));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                let (instances, told) = (Arc::clone(&instances), Arc::clone(&own));
                thread::spawn(move || replace(stream, &instances, &told, broken));
            }
        });
        Self { address, told }
    }
}

fn replace(
    mut stream: TcpStream,
    instances: &BTreeMap<String, Arc<Instance>>,
    told: &Mutex<Vec<String>>,
    broken: Option<(&str, &str)>,
) {
    let Some(asked) = body(&mut stream) else { return };
    let (name, version) = (asked["instance"].as_str().unwrap(), asked["new_version"].as_str().unwrap());
    told.lock().unwrap().push(format!("{name} {version}"));
    let instance = &instances[name];
    instance.fails_every.store(1, Ordering::SeqCst);
    thread::sleep(DOWN);
    let status = if broken == Some((name, version)) {
        409
    } else {
        instance.fails_every.store(0, Ordering::SeqCst);
        200
    };
    let _ =
        stream.write_all(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes());
}

fn body(stream: &mut TcpStream) -> Option<Value> {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                return serde_json::from_str(body).ok();
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}
