"""The kiosk's first page, which this service serves itself: it logs the browser in, and is there while Odoo is not."""
