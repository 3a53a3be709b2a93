"""The tables of cases: a module per platform, or per project that announces devices."""
