// AWS's SDK for JavaScript, unmodified: zones, batches of every shape, a waiter, a paginator, errors as classes.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";

// The packages lie in target/, not beside this file.
const require = createRequire(process.env.CUTOVER_JAVASCRIPT + "/");
const {
  Route53, HostedZoneAlreadyExists, InvalidChangeBatch, NoSuchHealthCheck, NoSuchHostedZone,
  paginateListHostedZones, waitUntilResourceRecordSetsChanged,
} = require("@aws-sdk/client-route-53");

const client = new Route53({ region: process.env.AWS_DEFAULT_REGION });
const [host, port] = process.env.CUTOVER_DNS.split(":");
const made = {};

const change = (Action, set) => ({ Action, ResourceRecordSet: set });
const values = (...texts) => texts.map((Value) => ({ Value }));
const apply = (...Changes) => client.changeResourceRecordSets({ HostedZoneId: made.zone, ChangeBatch: { Changes, Comment: "ünïcode <&>" } });
const www = { Name: "www.example.com", Type: "A", TTL: 60, ResourceRecords: values("192.0.2.1", "192.0.2.2") };

function dig(name, type = "A") {
  const out = execFileSync("dig", [`@${host}`, "-p", port, "+short", "+tries=3", "+timeout=2", name, type], { encoding: "utf8" });
  return out.split("\n").filter(Boolean).sort();
}

// This SDK brings no paginator for record sets; its users go on by hand, with the three fields of the last page.
async function listed(MaxItems = 2) {
  const sets = [];
  for (let from = {}; from; ) {
    const page = await client.listResourceRecordSets({ HostedZoneId: made.zone, MaxItems, ...from });
    sets.push(...page.ResourceRecordSets);
    const { NextRecordName: StartRecordName, NextRecordType: StartRecordType, NextRecordIdentifier: StartRecordIdentifier } = page;
    from = page.IsTruncated && { StartRecordName, StartRecordType, StartRecordIdentifier };
  }
  return sets;
}

const steps = {
  async "a hosted zone is created and waited for"() {
    const reply = await client.createHostedZone({ Name: "Example.com", CallerReference: "first", HostedZoneConfig: { Comment: "<tea>" } });
    assert.equal(reply.$metadata.httpStatusCode, 201);
    assert.ok(reply.$metadata.requestId);
    assert.match(reply.HostedZone.Id, /^\/hostedzone\/Z/);
    assert.deepEqual(reply.HostedZone.Config, { Comment: "<tea>", PrivateZone: false });
    assert.ok(reply.ChangeInfo.SubmittedAt instanceof Date);
    assert.ok(reply.Location.endsWith(reply.HostedZone.Id));
    made.zone = reply.HostedZone.Id;
    const waited = await waitUntilResourceRecordSetsChanged({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { Id: reply.ChangeInfo.Id });
    assert.equal(waited.state, "SUCCESS");
  },

  async "a batch is applied, listed in pages and answered"() {
    const reply = await apply(
      change("CREATE", www),
      change("CREATE", { Name: "*.example.com", Type: "TXT", TTL: 1, ResourceRecords: values('"a b" "c"') }),
      change("CREATE", { Name: "w.example.com", Type: "A", TTL: 5, SetIdentifier: "one", Weight: 255, ResourceRecords: values("192.0.2.3") }),
      change("CREATE", { Name: "w.example.com", Type: "A", TTL: 5, SetIdentifier: "two", Weight: 0, ResourceRecords: values("192.0.2.4") }),
      change("CREATE", { Name: "alias.example.com", Type: "A", AliasTarget: { HostedZoneId: made.zone.split("/").pop(), DNSName: "www.example.com", EvaluateTargetHealth: true } }),
    );
    assert.equal(reply.ChangeInfo.Comment, "ünïcode <&>");
    const names = (await listed()).map((set) => `${set.Name} ${set.Type}`);
    assert.deepEqual(names, [
      "example.com. NS", "example.com. SOA", "\\052.example.com. TXT", "alias.example.com. A", "w.example.com. A", "w.example.com. A", "www.example.com. A",
    ]);
    assert.deepEqual((await listed()).at(-1).ResourceRecords, www.ResourceRecords);
    assert.deepEqual(dig("www.example.com"), ["192.0.2.1", "192.0.2.2"]);
    assert.deepEqual(dig("alias.example.com"), ["192.0.2.1", "192.0.2.2"]);
    assert.deepEqual(dig("w.example.com"), ["192.0.2.3"]);
    assert.deepEqual(dig("x.example.com", "TXT"), ['"a b" "c"']);
  },

  async "a health check is created, updated and deleted"() {
    const HealthCheckConfig = { Type: "TCP", IPAddress: "127.0.0.1", Port: 9, RequestInterval: 10, FailureThreshold: 3 };
    const { HealthCheck } = await client.createHealthCheck({ CallerReference: "js", HealthCheckConfig });
    assert.equal(HealthCheck.HealthCheckConfig.Port, 9);
    const updated = await client.updateHealthCheck({ HealthCheckId: HealthCheck.Id, FailureThreshold: 5 });
    assert.equal(updated.HealthCheck.HealthCheckVersion, 2);
    await client.changeTagsForResource({ ResourceType: "healthcheck", ResourceId: HealthCheck.Id, AddTags: [{ Key: "k", Value: "v" }] });
    const tags = await client.listTagsForResources({ ResourceType: "healthcheck", ResourceIds: [HealthCheck.Id] });
    assert.deepEqual(tags.ResourceTagSets[0].Tags, [{ Key: "k", Value: "v" }]);
    await client.deleteHealthCheck({ HealthCheckId: HealthCheck.Id });
    await assert.rejects(client.getHealthCheck({ HealthCheckId: HealthCheck.Id }), NoSuchHealthCheck);
  },

  async "errors are classes with AWS's messages"() {
    await assert.rejects(client.getHostedZone({ Id: "ZNONE" }), (fault) => {
      assert.ok(fault instanceof NoSuchHostedZone);
      assert.equal(fault.$metadata.httpStatusCode, 404);
      // This SDK takes `message` for the member's name on the wire, where AWS writes `Message`; so it stays here.
      assert.equal(fault.Error.Message, "No hosted zone found with ID: ZNONE");
      return true;
    });
    await assert.rejects(client.createHostedZone({ Name: "example.com", CallerReference: "first" }), HostedZoneAlreadyExists);
    await assert.rejects(apply(change("CREATE", www), change("CREATE", { ...www, Name: "new.example.com", TTL: 7 })), (fault) => {
      assert.ok(fault instanceof InvalidChangeBatch);
      assert.match(fault.Error.Message, /but it already exists/);
      return true;
    });
    assert.equal((await listed()).some((set) => set.Name === "new.example.com."), false);
  },

  async "zones are listed in pages"() {
    await client.createHostedZone({ Name: "other.test", CallerReference: "other" });
    const names = [];
    for await (const page of paginateListHostedZones({ client, pageSize: 1 }, {})) {
      assert.equal(page.HostedZones.length, 1);
      names.push(page.HostedZones[0].Name);
    }
    assert.deepEqual(names.sort(), ["example.com.", "other.test."]);
  },

  async "everything is deleted"() {
    const own = (set) => set.Name === "example.com." && ["NS", "SOA"].includes(set.Type);
    const rest = (await listed(100)).filter((set) => !own(set));
    rest.sort((a, b) => Number(!a.AliasTarget) - Number(!b.AliasTarget));
    await apply(...rest.map((set) => change("DELETE", set)));
    await client.deleteHostedZone({ Id: made.zone });
    await assert.rejects(client.getHostedZone({ Id: made.zone }), NoSuchHostedZone);
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step().catch((fault) => {
    console.log(fault);
    console.error(`FAILED ${name}`);
    process.exit(1);
  });
  console.log(`ok ${name}`);
}
