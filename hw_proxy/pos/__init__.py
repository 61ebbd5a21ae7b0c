"""The face for the stock Odoo 19 point of sale: receipt printing and a scanner at its old ``/hw_proxy`` addresses."""
