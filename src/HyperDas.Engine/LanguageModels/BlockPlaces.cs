using HyperDas.Engine.Checkpoints;
using TorchSharp;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Assigns each block of a model to one of several devices: consecutive blocks together, with shares of the weights as equal as whole
/// blocks allow. Embeddings, final norm and head, and everything outside the model, are on the first device.
/// </summary>
internal sealed class BlockPlaces
{
    private readonly int[] _places;

    private BlockPlaces(int[] places, IReadOnlyList<torch.Device> devices) => (_places, Devices) = (places, devices);

    /// <summary>The devices in order.</summary>
    public IReadOnlyList<torch.Device> Devices { get; }

    /// <summary>The devices except the first.</summary>
    public IReadOnlyList<torch.Device> Others => [.. Devices.Skip(1)];

    /// <summary>Their names, e.g. <c>cuda:0,cuda:1</c>.</summary>
    public string Name => string.Join(',', Devices.Select(NameOf));

    /// <summary>Index of a block's device, from 0.</summary>
    /// <param name="block">0-based index of the block.</param>
    public int this[int block] => _places[block];

    /// <summary>Name of a device.</summary>
    /// <param name="device">The device.</param>
    public static string NameOf(torch.Device device) => device.type == DeviceType.CPU ? "cpu" : $"cuda:{device.index}";

    /// <summary>Distributes a model's blocks.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="devices">The devices, at least one.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>: there are more devices than blocks.</exception>
    public static BlockPlaces Of(ModelConfig config, IReadOnlyList<torch.Device> devices) => new(Split(config, devices.Count), devices);

    /// <summary>The index of each block's device.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="count">Number of devices.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>: there are more devices than blocks.</exception>
    public static int[] Split(ModelConfig config, int count)
    {
        int blocks = config.BlockCount;
        if (count > blocks)
        {
            throw new HyperDasException(
                "DeviceUnknown", HyperDasErrorKind.InvalidArgument,
                $"{count} devices were specified, but the model has only {blocks} blocks, and each device needs at least one.", count);
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
            // Every remaining device needs at least one block.
            bool isNeeded = blocks - block <= count - 1 - place;
            place += (isFull || isNeeded) && place < count - 1 && block > 0 ? 1 : 0;
            places[block] = place;
            before += size;
        }
        return places;
    }

    /// <summary>Number of a model's weights on each device.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="places">The index of each block's device, from <see cref="Split"/>.</param>
    /// <param name="count">Number of devices.</param>
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
