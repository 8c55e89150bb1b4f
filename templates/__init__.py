"""What the product ships as text: the models, one per article and a default, and the demo's accounts."""
