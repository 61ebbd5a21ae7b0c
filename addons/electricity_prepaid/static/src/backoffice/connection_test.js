import { registry } from "@web/core/registry";

/**
 * Test a connection: the screen says at once what is being waited for, and for how long at most.
 *
 * @param {Object} env
 * @param {Object} action its `params`: `connection`, an id, and `message`
 * @returns {Promise<Object>} the action that tells the result
 */
export async function testConnection(env, { params }) {
    env.services.ui.block({ message: params.message });
    try {
        return await env.services.orm.call("electricity.cis.connection", "test_now", [[params.connection]]);
    } finally {
        env.services.ui.unblock();
    }
}

registry.category("actions").add("electricity_prepaid.connection_test", testConnection);
