import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a cash box holds, by denomination. */
export class BoxNotesField extends Component {
    static template = "electricity_prepaid.BoxNotesField";
    static props = standardFieldProps;

    get notes() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("electricity_box_notes", {
    component: BoxNotesField,
    supportedTypes: ["json"],
});
