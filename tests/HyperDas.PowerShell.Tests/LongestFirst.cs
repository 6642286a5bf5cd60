using Xunit;
using Xunit.Abstractions;

namespace HyperDas.PowerShell.Tests;

/// <summary>What works in this process begins at once, the collections of <see cref="Programs"/> follow in their order.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.IndexOf(Programs.LongestFirst, collection.DisplayName));
}
