using HyperDas.PowerShell.Tests;
using Xunit;

// libtorch's threads and random state are process-wide, and runspaces share them: what isn't in one of the collections of Programs works in
// this process and comes one after the other, in one collection.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
[assembly: TestCollectionOrderer("HyperDas.PowerShell.Tests." + nameof(LongestFirst), "HyperDas.PowerShell.Tests")]
