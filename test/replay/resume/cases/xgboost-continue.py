# verdict: exact
import os

import numpy as np
import xgboost

x = np.random.RandomState(0).randn(80, 3)
data = xgboost.DMatrix(x, label=x.sum(1))
done, model = 0, None
if os.path.exists("model.ubj"):
    model = xgboost.Booster(model_file="model.ubj")
    done = model.num_boosted_rounds()
for _ in range(done, 8, 2):
    model = xgboost.train({"nthread": 1}, data, 2, xgb_model=model)
    model.save_model("model.ubj")
print(f"mean={model.predict(data).mean():.9f}")
