// What the kernels that show a prompt's positions share with each other and with Cuda/StepProbes.cs.
#pragma once
#include "Sampling.cuh"

// Where it goes: pinned memory of the host, another one for every step in flight.
struct ProbeHeader
{
    StepHeader scores;      // a row for each scored position
    double* sums;           // (pools, dim)
};
