using System.Globalization;
using NodaTime;
using NodaTime.TimeZones;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// A time zone as the distance from UTC that templates ask for (docs/methods.md#judging-a-completion). Offsets depend on the day, so the
/// day is fixed; the time-zone database comes with the engine, so that they don't depend on the machine either.
/// </summary>
public static class UtcOffset
{
    /// <summary>The day that offsets are taken from, unless another is named.</summary>
    public static DateOnly DefaultDate => RavelInstanceOptions.DefaultTimeZoneDate;

    /// <summary>Edition of the time-zone database.</summary>
    public static string Edition => TzdbDateTimeZoneSource.Default.TzdbVersion;

    /// <summary>Sign, hours without leading zero and minutes: <c>Asia/Kolkata</c> → <c>+5:30</c>.</summary>
    /// <param name="zone">IANA name.</param>
    /// <param name="date">The day.</param>
    /// <returns>The offset at noon UTC of that day. From 12 hours east on it is written the other way round the globe,
    /// as the benchmark does.</returns>
    /// <exception cref="HyperDasException"><c>TimeZoneNotFound</c>.</exception>
    public static string Of(string zone, DateOnly date)
    {
        DateTimeZone known = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone)
            ?? throw new HyperDasException(
                "TimeZoneNotFound", HyperDasErrorKind.InvalidData,
                $"'{zone}' isn't a time zone of the IANA database, edition {Edition}; a gold value like Europe/Vienna is needed.", zone);
        int minutes = known.GetUtcOffset(Instant.FromUtc(date.Year, date.Month, date.Day, 12, 0)).Seconds / 60;
        int hours = Math.Abs(minutes) / 60, rest = Math.Abs(minutes) % 60;
        bool east = minutes >= 0;
        if (east && hours >= 12)
        {
            (east, hours) = (false, 24 - hours);
        }
        return string.Create(CultureInfo.InvariantCulture, $"{(east ? '+' : '-')}{hours}:{rest:00}");
    }
}
