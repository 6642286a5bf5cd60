using Xunit;

// libtorch's threads and random state are process-wide, and runspaces share them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
