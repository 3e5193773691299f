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


def check(zone, relative, record, default_ttl):
    name = dns.name.from_text(f"{relative}.{zone}" if relative else zone)
    record_type = record["type"]
    ignored = (record.get("octodns") or {}).get("ignored")
    if ignored:
        counts["ignored by octoDNS"] += 1
        return
    if record_type == "Route53Provider/ALIAS":
        values = record.get("values") or [record["value"]]
        for value in values:
            answer_type = dns.rdatatype.from_text(value["type"])
            target = value.get("name") or ""
            reply = ask(name, answer_type)
            if "hosted-zone-id" in value or "hosted_zone_id" in value:
                outside.append(f"{name} {value['type']} -> {target}")
                if reply.rcode() != dns.rcode.NOERROR or reply.answer:
                    faults.append(f"{name} {value['type']}: an alias to the outside answers\n{reply}")
                continue
            inside = dns.name.from_text(f"{target}.{zone}" if target else zone)
            there = ask(inside, answer_type)
            ours, theirs = (got(r, n, answer_type, r.answer) for r, n in ((reply, name), (there, inside)))
            counts["alias inside"] += 1
            if ours != theirs or not ours[1]:
                faults.append(f"{name} {value['type']}: alias answers {ours}, its target {theirs}")
        return
    values = record.get("values") or [record["value"]]
    rdtype = dns.rdatatype.from_text(record_type)
    reply = ask(name, rdtype)
    delegation = record_type == "NS" and relative != ""
    section = reply.authority if delegation else reply.answer
    ttl, found = got(reply, name, rdtype, section)
    want = expected(record_type, values, zone)
    counts[record_type] += 1
    if found != want or ttl != record.get("ttl", default_ttl):
        below_cut = any(rrset.rdtype == dns.rdatatype.NS and not reply.answer and rrset.name != name for rrset in reply.authority)
        if below_cut and not delegation:
            counts["below a delegation, referred"] += 1
            return
        faults.append(f"{name} {record_type}: expected {record.get('ttl', default_ttl)} {want}\ngot {ttl} {found}\n{reply}")


def main(folder, default_ttl):
    for file in sorted(os.listdir(folder)):
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
