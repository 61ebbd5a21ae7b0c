from . import kiosk, payment
