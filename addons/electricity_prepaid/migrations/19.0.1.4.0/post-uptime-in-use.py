"""Days tell whether their terminal was in use: one that was never heard, or stopped, had a hundred percent."""


def migrate(cr, version):
    """Remove the lines of terminals that never worked, and the uptime from idle days of those that are not in use.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    cr.execute(
        """
        UPDATE electricity_terminal_day figures
           SET is_watched = busy OR used, uptime = CASE WHEN busy OR used THEN uptime END
          FROM (SELECT figures.id, terminal.active AND terminal.state IN ('active', 'quarantined')
                       AND COALESCE(terminal.last_heartbeat, terminal.paired_at) IS NOT NULL AS used,
                       COALESCE(figures.cards <> 0 OR figures.purchases <> 0 OR figures.writes <> 0
                                OR figures.failures <> 0 OR figures.amount_total <> 0 OR figures.amount_out <> 0,
                                FALSE) AS busy
                  FROM electricity_terminal_day figures
                  JOIN electricity_terminal terminal ON terminal.id = figures.terminal_id) known
         WHERE known.id = figures.id AND figures.is_watched IS NULL
        """
    )
    cr.execute(
        """
        DELETE FROM electricity_terminal_day figures USING electricity_terminal terminal
         WHERE terminal.id = figures.terminal_id AND NOT figures.is_watched
           AND terminal.last_heartbeat IS NULL AND terminal.paired_at IS NULL
        """
    )
