# verdict: exact
# needs: keras
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(1)
x = np.arange(96, dtype="float32").reshape(24, 4) / 96
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(
    x, x.sum(1), batch_size=8, epochs=4, shuffle=False, verbose=2,
    callbacks=[keras.callbacks.BackupAndRestore("backup", delete_checkpoint=False)],
)  # fmt: skip
model.save_weights("final.weights.h5")
