# verdict: exact
# needs: jax
import os

import jax
import jax.numpy as jnp
import numpy as np

weights, key, start = jnp.zeros(3), jax.random.key(1), 0
if os.path.exists("last.npz"):
    last = np.load("last.npz")
    weights, key, start = jnp.asarray(last["weights"]), jax.random.wrap_key_data(last["key"]), int(last["step"])
for step in range(start, 8):
    key, own = jax.random.split(key)
    weights = 0.9 * weights + jax.random.normal(own, (3,))
    print(f"step {step} norm={float(jnp.linalg.norm(weights)):.9f}")
    np.savez("last.npz", weights=weights, key=jax.random.key_data(key), step=step + 1)
