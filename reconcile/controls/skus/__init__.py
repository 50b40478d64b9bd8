"""The controls of SKUs: each that was sold stands for an item of the ERP."""
