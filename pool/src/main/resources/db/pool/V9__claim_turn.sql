-- Of which records each transaction spoke that changed claims, so that another process, which keeps all of them in
-- memory, reads these again and no others. identity_state.claims counts the records spoken of: where the rows since a
-- count do not add up to the next one, something changed that only reading everything tells.
create table claim_turn (
  turn      bigint primary key,     -- identity_state.claims after the transaction
  stream_id int[] not null,
  key       text[] not null
);

-- The name of a record must not outlive it: whoever takes records out of the pool altogether, or names them otherwise,
-- has the others read everything.
create function forget_claim_turns() returns trigger language plpgsql as $$
begin
  execute format('delete from %I.claim_turn', tg_table_schema);
  return null;
end $$;
create trigger source_record_forgotten after delete or truncate or update of stream_id, key on source_record
  for each statement execute function forget_claim_turns();
