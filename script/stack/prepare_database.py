# Run inside "odoo shell" on every template database.
#
# Debian's package of Odoo lacks one library that mail's manifest names. The browser then logs an error, which fails
# every test that watches the console. A record takes it out of the bundle in development databases.
env["ir.asset"].create(  # noqa: F821
    {
        "name": "Debian's Odoo ships no selfie_segmentation.js",
        "bundle": "web.assets_backend",
        "directive": "remove",
        "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
    }
)
env.cr.commit()  # noqa: F821
