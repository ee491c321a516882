import { basename } from "node:path";
import { type Digest, type Known, type LibraryFact, unknown } from "#record";

/** What a shared library is for, by its name. Order matters: the first that fits. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^lib(?:scipy_)?openblas|^libopenblas|_openblas/, "openblas"],
  [/^libmkl|^mkl_/, "mkl"],
  [/^lib(?:gomp|iomp5?|omp)\b|^lib(?:gomp|iomp|omp)[-.\d]/, "openmp"],
  [/^lib(?:c?blas|atlas|blis|flexiblas|accelerate)\b/, "blas"],
  [/^liblapacke?\b/, "lapack"],
  [/^libcudnn/, "cudnn"],
  [/^libnccl|^librccl/, "nccl"],
  [/^libcublas/, "cublas"],
  [/^libcu(?:fft|rand|solver|sparse|sparseLt|fftw|file)\b/, "cuda-math"],
  [/^libcuda(?:rt)?\b|^libnvrtc|^libnvJitLink|^libcupti|^libnvidia-/, "cuda"],
  [/^lib(?:amdhip64|hsa-runtime64|rocblas|MIOpen|hipblas)/, "rocm"],
  [/^lib(?:torch|c10|shm|caffe2)|^_C\.cpython/, "torch"],
  [/^lib(?:tensorflow|_pywrap_tensorflow)|^_pywrap_tensorflow/, "tensorflow"],
  [/^lib(?:jax|xla)|^xla_extension/, "jax"],
  [/^lib(?:onnxruntime|xgboost|_?lightgbm|catboost)|^lib_lightgbm/, "framework"],
  [/^lib(?:dnnl|mkldnn|oneccl|tbb)/, "threads-and-kernels"],
  [/^libgfortran|^libquadmath/, "fortran"],
  [/^libpython\d/, "python"],
  [/^lib(?:stdc\+\+|gcc_s|c\+\+)/, "c++"],
  [/^lib(?:m|c|mvec)(?:\.so|-\d)|^ld-/, "libc"],
];

/** The shared libraries among the mapped files, with a digest each and a role where the name tells it. */
export function readLibraries(
  maps: readonly string[],
  digestOf: (path: string) => Known<Digest>,
): Known<readonly LibraryFact[]> {
  const paths = [...new Set(maps)].filter((path) => /\.so(?:\.[\d.]+)?$|\.dylib$|\.pyd$/.test(path)).sort();
  if (paths.length === 0) return unknown("no shared library was seen");
  return paths.map((path) => {
    const role = roleOf(basename(path));
    return { path, digest: digestOf(path), ...(role === undefined ? {} : { role }) };
  });
}

function roleOf(name: string): string | undefined {
  return ROLES.find(([pattern]) => pattern.test(name))?.[1];
}
