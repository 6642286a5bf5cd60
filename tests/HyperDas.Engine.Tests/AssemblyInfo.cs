using Xunit;

// libtorch's random state, thread count and dispose statistics are process-wide: tests that compare them can't run side by side.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
