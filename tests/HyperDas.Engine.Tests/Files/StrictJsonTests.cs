using System.Text;
using System.Text.Json;
using HyperDas.Engine.Files;
using Xunit;

namespace HyperDas.Engine.Tests.Files;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a": 1, "a": 1}""")]
    [InlineData("""{"a": 1, "\u0061": 1}""")]
    [InlineData("""{"b": [{"a": 1, "a": 2}]}""")]
    public void A_key_that_occurs_twice_is_an_error(string json) => AssertRefused(json);

    [Theory]
    [InlineData("""{"a": "\ud800"}""")]
    [InlineData("""{"\udc00": 1}""")]
    [InlineData("""["\ud800x"]""")]
    public void Half_of_a_surrogate_pair_is_an_error(string json) => AssertRefused(json);

    [Fact]
    public void Deep_nesting_is_an_error_and_no_end_of_the_stack() => AssertRefused(new string('[', 1_000_000));

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        using JsonDocument document = Parse("\uFEFF{\"a\": \"\\ud83c\\udfd9\"}");

        Assert.Equal("\U0001F3D9", document.RootElement.GetProperty("a").GetString());
    }

    private static void AssertRefused(string json) => Assert.ThrowsAny<JsonException>(() => Parse(json).Dispose());

    private static JsonDocument Parse(string json) => StrictJson.Parse(Encoding.UTF8.GetBytes(json));
}
