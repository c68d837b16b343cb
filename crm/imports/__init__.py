"""Files to records, set by set.

file -> `crm.sheets` (pure) -> COPY into temporary tables (`staging`) -> what is new, changed,
unchanged or rejected (`documents` and one module for each kind) -> one transaction of
set-based writes -> a file of the rejected lines (`rejects`). `runs` does all of it for one
batch; `services` is what pages and commands call; `undo` puts back what was before.
"""
