using HyperDas.Pump;
using Xunit;

namespace HyperDas.PowerShell.Tests.Pump;

public class RecordCheckTests
{
    private static readonly RavelBuildCounts s_counts = new(0, 0, 0, 0);

    [Fact]
    public void Whole_records_and_other_values_pass()
    {
        RecordCheck.ThrowIfIncomplete(null);
        RecordCheck.ThrowIfIncomplete(new object?[] { null, 1, "text" });
        RecordCheck.ThrowIfIncomplete(new RavelDataset("whole", [], [], [], [], [], 1, s_counts));
    }

    [Fact]
    public void A_record_that_lacks_something_is_refused()
    {
        Assert.Equal("A RavelDataset can't be used: it has no Train. Pass records as the module's commands write them.", Refused(new RavelDataset(
            "hollow", [], [], null!, [], [], 1, s_counts)));
    }

    [Fact]
    public void So_is_one_inside_another_and_an_empty_place_of_a_list()
    {
        RavelExample example = (RavelExample)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(RavelExample));

        Assert.StartsWith("A RavelExample can't be used: it has no Domain.",
            Refused(new[] { new RavelDataset("holes", [], [], [example], [], [], 1, s_counts) }), StringComparison.Ordinal);
        Assert.StartsWith("A RavelScore can't be used: a list contains null.", Refused(new RavelScore?[] { null }),
            StringComparison.Ordinal);
    }

    private static string Refused(object value)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => RecordCheck.ThrowIfIncomplete(value));
        Assert.Equal("RecordIncomplete", error.ErrorId);
        return error.Message;
    }
}
