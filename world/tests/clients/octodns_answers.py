"""Asks over DNS for every record of octoDNS's YAML files and compares, record by record.

Aliases to targets outside the zones (load balancers and the like) have nothing to answer here; they are counted and
listed, and must be answered NOERROR without data.
"""

import collections
import os
import sys

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import yaml

HOST, PORT = os.environ["CUTOVER_DNS"].rsplit(":", 1)
zones = set()
counts = collections.Counter()
outside = []
faults = []


def absolute(value, zone):
    return value if value.endswith(".") else value + "."


def texts(record_type, value, zone):
    """One value of the YAML in master-file form."""
    if record_type in ("A", "AAAA"):
        return value
    if record_type in ("CNAME", "NS", "PTR", "DNAME"):
        return absolute(value, zone)
    if record_type == "MX":
        exchange = value.get("exchange", value.get("value"))
        return f"{value.get('preference', value.get('priority'))} {absolute(exchange, zone)}"
    if record_type == "SRV":
        return f"{value['priority']} {value['weight']} {value['port']} {absolute(value['target'], zone)}"
    if record_type == "CAA":
        return f"{value['flags']} {value['tag']} \"{value['value']}\""
    if record_type in ("TXT", "SPF"):
        text = value.replace("\\;", ";").replace("\\", "\\\\").replace('"', '\\"')
        # Route 53 takes strings of at most 255 bytes; what is longer is cut by octoDNS.
        return None, text
    if record_type == "DS":
        return f"{value['key_tag']} {value['algorithm']} {value['digest_type']} {value['digest']}"
    raise KeyError(record_type)


def expected(record_type, values, zone):
    found = set()
    for value in values:
        text = texts(record_type, value, zone)
        if isinstance(text, tuple):
            found.add(text[1].replace('\\"', '"').replace("\\\\", "\\").encode())
        else:
            rdata = dns.rdata.from_text(dns.rdataclass.IN, record_type, text)
            found.add(rdata.to_digestable())
    return found


def ask(name, record_type):
    query = dns.message.make_query(name, record_type, use_edns=0, payload=1232)
    reply, _ = dns.query.udp_with_fallback(query, HOST, timeout=5, port=int(PORT))
    return reply


def got(reply, name, record_type, section):
    rrset = reply.get_rrset(section, name, dns.rdataclass.IN, record_type)
    if rrset is None:
        return None, set()
    if rrset.rdtype in (dns.rdatatype.TXT, dns.rdatatype.SPF):
        return rrset.ttl, {b"".join(rdata.strings) for rdata in rrset}
    return rrset.ttl, {rdata.to_digestable() for rdata in rrset}


def values_of(record):
    values = record.get("values", record.get("value"))
    return values if isinstance(values, list) else [values]


def check(zone, relative, record, default_ttl):
    name = dns.name.from_text(f"{relative}.{zone}" if relative else zone)
    record_type = record["type"]
    if record_type == "Route53Provider/ALIAS":
        for value in values_of(record):
            answer_type = dns.rdatatype.from_text(value["type"])
            target = value.get("name") or ""
            reply = ask(name, answer_type)
            if value.get("hosted-zone-id"):
                outside.append(f"{name} {value['type']} -> {target}")
                if reply.rcode() != dns.rcode.NOERROR or reply.answer:
                    faults.append(f"{name} {value['type']}: an alias to the outside answers\n{reply}")
                continue
            inside = dns.name.from_text(f"{target}.{zone}" if target else zone)
            there = ask(inside, answer_type)
            ours, theirs = (got(r, n, answer_type, r.answer) for r, n in ((reply, name), (there, inside)))
            counts["alias inside"] += 1
            # The target may in turn be an alias to the outside: then neither has anything.
            if ours != theirs:
                faults.append(f"{name} {value['type']}: alias answers {ours}, its target {theirs}")
        return
    closest = max((other for other in zones if name.is_subdomain(dns.name.from_text(other))), key=len)
    if closest != zone:
        # Both the parent and the child zone are here, and the child answers (RFC 1034 §4.3.2 step 2).
        counts["answered by a zone below"] += 1
        return
    values = values_of(record)
    rdtype = dns.rdatatype.from_text(record_type)
    reply = ask(name, rdtype)
    delegation = record_type == "NS" and relative != ""
    section = reply.authority if delegation else reply.answer
    ttl, found = got(reply, name, rdtype, section)
    want = expected(record_type, values, zone)
    if found != want or ttl != record.get("ttl", default_ttl):
        cuts = [rrset.name for rrset in reply.authority if rrset.rdtype == dns.rdatatype.NS]
        if not reply.answer and cuts and name.is_subdomain(cuts[0]) and not (delegation and cuts[0] == name):
            # RFC 1034 §4.2.1: a delegation at or above the name hides it; whoever serves the child zone answers.
            counts["hidden below a delegation"] += 1
            return
        faults.append(f"{name} {record_type}: expected {record.get('ttl', default_ttl)} {want}\ngot {ttl} {found}\n{reply}")
    else:
        counts[record_type] += 1


def main(folder, default_ttl):
    files = sorted(os.listdir(folder))
    zones.update(file.removesuffix(".yaml") + "." for file in files)
    for file in files:
        if not file.endswith(".yaml"):
            continue
        zone = file.removesuffix(".yaml") + "."
        with open(os.path.join(folder, file)) as stream:
            data = yaml.safe_load(stream) or {}
        counts["zones"] += 1
        for relative, records in data.items():
            for record in records if isinstance(records, list) else [records]:
                check(zone, str(relative), record, default_ttl)
    print(f"{sum(counts.values()) - counts['zones']} records of {counts['zones']} zones: {dict(counts)}")
    print(f"{len(outside)} aliases to the outside, answered without data:")
    for line in outside:
        print(f"  {line}")
    if faults:
        print(f"\n{len(faults)} differences, the first of them:")
        sys.exit("\n".join(faults[:20]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
