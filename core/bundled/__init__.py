"""Models in the box: folders in the Hugging Face layout, with their card. What trained them is in `training`."""
