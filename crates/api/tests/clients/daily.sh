# What people do with the AWS CLI every day. Run by tests/clients.rs.
set -eu
zone=$(aws route53 create-hosted-zone --name example.com --caller-reference cli --query HostedZone.Id --output text)
change=$(aws route53 change-resource-record-sets --hosted-zone-id "$zone" --query ChangeInfo.Id --output text --change-batch '{"Changes": [
  {"Action": "UPSERT", "ResourceRecordSet": {"Name": "*.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}')
aws route53 wait resource-record-sets-changed --id "$change"
test "$(aws route53 list-resource-record-sets --hosted-zone-id "$zone" --query 'ResourceRecordSets[2].Name' --output text)" = '\052.example.com.'
test "$(aws route53 test-dns-answer --hosted-zone-id "$zone" --record-name x.example.com --record-type A --query 'RecordData[0]' --output text)" = 192.0.2.1
aws route53 list-hosted-zones --max-items 1 --output text > /dev/null
aws route53 delete-hosted-zone --id "$zone" 2>&1 | grep -q HostedZoneNotEmpty
