namespace HyperDas.Engine.Ravel;

/// <summary>The error about a damaged file of the benchmark.</summary>
internal static class RavelFileError
{
    /// <summary>Its ID.</summary>
    public const string Id = "RavelFileCorrupt";

    /// <summary>Creates the error.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The position in the file.</param>
    /// <param name="why">What is wrong, a clause.</param>
    public static HyperDasException Corrupt(string path, string key, string why) => new(
        Id, HyperDasErrorKind.InvalidData, $"'{path}' is damaged at \"{key}\": {why}.", path);
}
