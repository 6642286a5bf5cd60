namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>Words and values that have broken readers before.</summary>
internal static class HostileText
{
    /// <summary>For any place in a text.</summary>
    internal static readonly string[] Words =
    [
        "\0", "\uFEFF", "\"", "'", "\\", "{", "}", "[", "]", ":", ",", "\n", "\r\n", "\t", "%s", "null", "true", "-", "../", "/", "NaN",
        "Infinity", "1e999", "-1",
        "99999999999999999999", "&a ", "*a ", "!!", "!!int ", "<<: ", "? ", "- ", "|", ">", "---", "...", "#", "%YAML 9.9\n",
        "\uD7FF\uFFFD", "\u202E",
        new string('[', 3000), new string('{', 300), new string('a', 5000), new string('9', 500), new string(' ', 2000),
    ];

    /// <summary>JSON values for any place of a value.</summary>
    internal static readonly string[] Json =
    [
        "null", "true", "false", "0", "-1", "1", "2", "-0", "0.5", "1e308", "1e400", "-1e-400", "2147483647", "2147483648", "-2147483648",
        "4294967296", "16777215",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "100000000000000", "1048576", "65536", "4096",
        "1000", "NaN", "Infinity",
        "\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"../../../etc/passwd\"", "\"/etc/passwd\"", "\"C:\\\\x\"", "\"NaN\"", "\"9\"",
        "\"(a+)+$\"", "\"(?<\"",
        "[]", "{}", "[null]", "[[]]", "[-1]", "[9223372036854775807, 9223372036854775807]", "{\"a\": 1, \"a\": 2}", "{\"\": null}",
        $"\"{new string('x', 5000)}\"", $"{new string('[', 60)}{new string(']', 60)}", $"{new string('[', 5000)}{new string(']', 5000)}",
        $"[{string.Join(',', Enumerable.Repeat("1", 3000))}]", new string('9', 400),
    ];
}
