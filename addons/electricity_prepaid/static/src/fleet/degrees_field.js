import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";

import { hasPosition } from "./plane";

/** One half of a terminal's position. Empty while there is none: 0° N 0° E lies in the sea. */
export class DegreesField extends FloatField {
    get formattedValue() {
        return hasPosition(this.props.record.data) ? super.formattedValue : "";
    }
}

registry.category("fields").add("electricity_degrees", { ...floatField, component: DegreesField });
