# verdict: reproduced
import io
import time
import zipfile

# What older writers of .npz do: the entry's date is the present.
with zipfile.ZipFile("model.npz", "w") as z:
    z.writestr(zipfile.ZipInfo("w.npy", time.localtime()[:6]), io.BytesIO(b"\x93NUMPY\x01\x00F\x00{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }         \n" + b"abcd").getvalue())
time.sleep(0.1)
print("saved")
