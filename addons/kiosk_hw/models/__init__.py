from . import (
    ir_websocket,
    kiosk,
    kiosk_login,
    kiosk_sale,
    pos_config,
    pos_config_advance,
    pos_order,
    pos_session,
    pos_session_rollover,
    res_users,
    tender,
    terminal,
)
