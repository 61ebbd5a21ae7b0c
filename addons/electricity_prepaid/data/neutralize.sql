-- A copied or restored database must not sell: its terminals are disabled and its crons rest.
UPDATE electricity_terminal
   SET state = 'disabled';

-- Without the accepted epoch no write order is signed, until somebody provisions this database on purpose.
DELETE FROM ir_config_parameter
      WHERE key = 'electricity.epoch';

UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE module = 'electricity_prepaid'
          AND model = 'ir.cron'
);

-- Nor may it talk to the marketing system: its uploads would be booked for real.
UPDATE electricity_cis_connection
   SET active = FALSE;
