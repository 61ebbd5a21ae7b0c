{
    "name": "Prepaid Electricity Kiosk",
    "summary": "The unattended terminal: a customer alone before a touch screen, on Odoo's point of sale",
    "version": "19.0.1.0.0",
    "category": "Industries",
    "license": "LGPL-3",
    "author": "Prepaid Electricity contributors",
    "depends": ["electricity_prepaid", "point_of_sale"],
    "data": [
        "security/kiosk_groups.xml",
        "security/ir.model.access.csv",
        "security/kiosk_rules.xml",
        "data/ir_cron.xml",
        "views/kiosk_login_views.xml",
        "views/kiosk_setup_views.xml",
        "views/pos_config_views.xml",
        "views/tender_views.xml",
        "views/terminal_views.xml",
    ],
    "assets": {
        "point_of_sale._assets_pos": [
            "electricity_prepaid/static/src/hw_client/**/*",
            "electricity_prepaid/static/src/counter/amounts.js",
            "electricity_prepaid/static/src/counter/card_write.js",
            "electricity_prepaid/static/src/counter/counter_server.js",
            "electricity_prepaid/static/src/counter/reader_watch.js",
            "kiosk_hw/static/src/**/*",
            ("remove", "kiosk_hw/static/src/backoffice/**/*"),
        ],
        "web.assets_backend": [
            "kiosk_hw/static/src/backoffice/**/*",
        ],
    },
}
