drop schema identity cascade;
drop function hawser.audit_hash(hawser.audit_entries);
drop table hawser.audit_entries, hawser.audit_heads, hawser.idempotency_keys, hawser.data_keys, hawser.api_keys,
  hawser.invitations, hawser.members, hawser.workspaces cascade;
drop function hawser.workspace_ids(uuid, integer), hawser.workspaces_of_user(uuid), hawser.find_api_key(bytea),
  hawser.find_invitation(bytea), hawser.chain_audit_entry(), hawser.current_workspace(), hawser.current_user_id();
drop procedure hawser.protect(regclass, text, text, boolean);
