using System.Runtime.CompilerServices;
using Xunit;

namespace HyperDas.Engine.Tests;

/// <summary>
/// PowerShell asks values for their text while it binds parameters; an exception there ends the whole process. So no record's text may
/// fail, whatever it lacks.
/// </summary>
public class RecordTextTests
{
    public static TheoryData<Type> Records =>
        [.. typeof(HyperDasException).Assembly.GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false }
            && t != typeof(HyperDasException))];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_without_content_has_a_text(Type record)
    {
        _ = RuntimeHelpers.GetUninitializedObject(record).ToString();
    }
}
