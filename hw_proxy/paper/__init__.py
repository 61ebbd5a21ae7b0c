"""What a kiosk prints: receipts that Odoo has signed, and vouchers of this terminal's own."""
