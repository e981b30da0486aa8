#!/bin/sh
# Runs the training program: examples/train.sh train main target/main. Commands: see the model card.
# It builds itself once; after a change to the sources delete examples/target.
# The variables put the native libraries on one thread and one instruction set, because kernels for
# newer processors round differently.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -d "$here/target/training-libraries" ]; then
  (cd "$here/.." && "${MVN:-mvn}" -q -Ptrain -pl examples -am -DskipTests package)
fi
export ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell DNNL_MAX_CPU_ISA=AVX2
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 OPT_OUT_TRACKING=true
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC \
  -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
  -cp "$here/target/classes:$here/target/training-libraries/*" \
  io.verillm.examples.training.TrainDemoModel "$@"
