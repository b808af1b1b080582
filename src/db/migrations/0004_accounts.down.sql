drop function hawser.find_connect_flow(bytea), hawser.tokens_to_renew(integer), hawser.connections_to_check(integer), hawser.revocations_due(integer);
drop table hawser.action_cache, hawser.action_calls, hawser.workspace_secrets, hawser.custom_providers, hawser.connection_checks,
  hawser.credential_uses, hawser.revocations, hawser.connect_flows, hawser.token_leases, hawser.token_sets, hawser.oauth_clients,
  hawser.credentials cascade;
drop index hawser.connections_check, hawser.connections_tags;
drop policy across on hawser.connections;
alter table hawser.connections drop column auth_type, drop column sandbox, drop column kept, drop column check_at, drop column checks_failed;
