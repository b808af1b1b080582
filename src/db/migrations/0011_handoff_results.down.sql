drop function hawser.find_result_place(bytea);
drop table hawser.result_places;
alter table hawser.handoffs
  drop column result_at,
  drop column result;
