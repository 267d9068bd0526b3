"""How models are loaded and computed, whatever the task: texts in rows, packed and int8 weights, fused layers."""
