-- A copied or restored database must not sell: its terminals are disabled and its crons rest.
UPDATE electricity_terminal SET state = 'disabled';

UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = 'electricity_prepaid' AND model = 'ir.cron');
