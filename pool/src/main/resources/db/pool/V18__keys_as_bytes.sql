-- Keys, names and values by which records are found are compared as bytes, not by the rules of a language: they are
-- looked up several times a record and put in an order for nobody's eyes. Equal is what was equal before.

-- What looks at source_record.key stands in the way of changing it, and is made again as it was.
drop trigger source_record_forgotten on source_record;
drop policy decision_record_scope on decision_record;
drop policy correction_record_scope on correction_record;

alter table source_record alter column key type text collate "C";
alter table identifier
  alter column name type text collate "C",
  alter column value type text collate "C",
  alter column key type text collate "C";
alter table reference
  alter column target_name type text collate "C",
  alter column target_value type text collate "C";

create trigger source_record_forgotten after delete or truncate or update of stream_id, key on source_record
  for each statement execute function forget_claim_turns();
create policy decision_record_scope on decision_record for select to yimen_reader using (
  exists (select from source_record s
           where s.stream_id = decision_record.stream_id and s.key = decision_record.key));
create policy correction_record_scope on correction_record for select to yimen_reader using (
  exists (select from source_record s
           where s.stream_id = correction_record.stream_id and s.key = correction_record.key));
