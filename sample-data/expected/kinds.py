"""The kinds of what is missing where a figure has no value."""

NOT_APPLICABLE, NO_DATA, UNDEFINED = "not_applicable", "no_data", "undefined"
NOT_CONFIGURED, INSUFFICIENT = "not_configured", "insufficient_coverage"
