using HyperDas.Engine.Checkpoints;
using TorchSharp;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// On which of several devices each block of a model lives: consecutive blocks together, each device with as equal a share of the weights
/// as whole blocks allow. Embeddings, final norm and head, and all that isn't the model's, live on the first one.
/// </summary>
internal sealed class BlockPlaces
{
    private readonly int[] _places;

    private BlockPlaces(int[] places, IReadOnlyList<torch.Device> devices) => (_places, Devices) = (places, devices);

    /// <summary>The devices in order.</summary>
    public IReadOnlyList<torch.Device> Devices { get; }

    /// <summary>The devices but the first.</summary>
    public IReadOnlyList<torch.Device> Others => [.. Devices.Skip(1)];

    /// <summary>Their names, e.g. <c>cuda:0,cuda:1</c>.</summary>
    public string Name => string.Join(',', Devices.Select(NameOf));

    /// <summary>Number of the device that a block lives on, from 0.</summary>
    /// <param name="block">0-based index of the block.</param>
    public int this[int block] => _places[block];

    /// <summary>Name of a device.</summary>
    /// <param name="device">The device.</param>
    public static string NameOf(torch.Device device) => device.type == DeviceType.CPU ? "cpu" : $"cuda:{device.index}";

    /// <summary>Spreads a model's blocks.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="devices">The devices, at least one.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>: there are more devices than blocks.</exception>
    public static BlockPlaces Of(ModelConfig config, IReadOnlyList<torch.Device> devices) => new(Split(config, devices.Count), devices);

    /// <summary>The number of each block's device.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="count">How many devices there are.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>: there are more devices than blocks.</exception>
    public static int[] Split(ModelConfig config, int count)
    {
        int blocks = config.BlockCount;
        if (count > blocks)
        {
            throw new HyperDasException(
                "DeviceUnknown", HyperDasErrorKind.InvalidArgument,
                $"{count} devices were named; the model has {blocks} blocks, and each device takes one at least.", count);
        }
        int[] places = new int[blocks];
        if (count == 1)
        {
            return places;
        }
        double all = WeightShapes.Count(config);
        double before = all - Enumerable.Range(0, blocks).Sum(i => (double)WeightShapes.CountOf(config, i));
        int place = 0;
        for (int block = 0; block < blocks; block++)
        {
            double size = WeightShapes.CountOf(config, block);
            bool isFull = before + (size / 2) > all * (place + 1) / count;
            // As many blocks as there are devices to come must be left for them.
            bool isNeeded = blocks - block <= count - 1 - place;
            place += (isFull || isNeeded) && place < count - 1 && block > 0 ? 1 : 0;
            places[block] = place;
            before += size;
        }
        return places;
    }

    /// <summary>Numbers of a model's weights on each device.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="places">The number of each block's device, as <see cref="Split"/> gives it.</param>
    /// <param name="count">How many devices there are.</param>
    public static double[] Weights(ModelConfig config, int[] places, int count)
    {
        double[] weights = new double[count];
        weights[0] = WeightShapes.Count(config);
        for (int block = 0; block < places.Length; block++)
        {
            double size = WeightShapes.CountOf(config, block);
            weights[0] -= size;
            weights[places[block]] += size;
        }
        return weights;
    }
}
