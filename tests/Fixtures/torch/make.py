import torch, os, sys, pickle
from collections import OrderedDict
out=sys.argv[1]
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed=torch.nn.Embedding(3,4)
        self.head=torch.nn.Linear(4,3,bias=True)
        self.register_buffer('steps',torch.tensor([1,2,3]))
net=Net()
with torch.no_grad():
    net.embed.weight.copy_(torch.arange(12.).view(3,4)/8)
    net.head.bias.copy_(torch.tensor([.5,-1,2]))
net.head.weight=net.embed.weight
state=net.state_dict()
big=torch.arange(24.)
state['turned']=big.view(4,6).t()
state['part']=big.view(4,6)[1:3,2:5]
state['half']=torch.tensor([1.5,-2.25],dtype=torch.float16)
state['brain']=torch.tensor([1.5,-2.25],dtype=torch.bfloat16)
state['double']=torch.tensor(3.25,dtype=torch.float64)
state['flags']=torch.tensor([True,False,True])
state['small']=torch.tensor([1,-1],dtype=torch.int8)
state['complex']=torch.tensor([1+2j])
state['none']=torch.zeros(0,3)
state['repeated']=torch.tensor([7.]).expand(5)
state['parameter']=torch.nn.Parameter(torch.tensor([9.]))
torch.save(state,os.path.join(out,'state.bin'))
torch.save(state,os.path.join(out,'state.old.bin'),_use_new_zipfile_serialization=False)
class Evil:
    def __reduce__(self): return (os.system,('touch evil-was-here',))
torch.save(OrderedDict(weight=torch.ones(2),extra=Evil()),os.path.join(out,'evil.bin'))
torch.save({'epoch':3,'state_dict':dict(weight=torch.ones(2))},os.path.join(out,'training.bin'))
print(torch.__version__)
