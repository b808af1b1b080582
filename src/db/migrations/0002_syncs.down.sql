drop table hawser.drafts, hawser.ticks, hawser.schedules, hawser.object_claims, hawser.object_removals, hawser.files, hawser.sync_run_log, hawser.sync_runs,
  hawser.sync_leases, hawser.syncs, hawser.connections cascade;
drop function hawser.schedule_sync(), hawser.due_schedules(integer), hawser.sync_runs_without_lease(integer), hawser.analyze_files();
